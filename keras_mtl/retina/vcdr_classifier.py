"""Glaucoma from the cup-to-disc ratio alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class VCDRClassifier:
    """Logistic regression on the vertical cup-to-disc ratio.

    Its two numbers are plain: keep them with the run, as JSON.

    Args:
        coefficient: Change of the log-odds for a ratio higher by 1.
        intercept: Log-odds at a ratio of 0.

    Reference:
        L. Pascal, thesis, chapter 5.
    """

    coefficient: float
    intercept: float

    @classmethod
    def fit(
        cls,
        ratios: Sequence[float],
        labels: Sequence[float],
        strength: float = 1.0,
    ) -> VCDRClassifier:
        """Fits it, to the ratios of the annotated masks of a training set.

        Args:
            ratios: Vertical cup-to-disc ratios; NaN leaves an eye out.
            labels: 1 for glaucoma, 0 for none; NaN leaves an eye out.
            strength: Inverse of the L2 penalty on the coefficient, as `C` of
                scikit-learn.

        Returns:
            The fitted classifier.

        Raises:
            ValueError: If the lengths differ, or fewer than two classes are
                left.
        """
        from sklearn.linear_model import LogisticRegression

        x, y = np.asarray(ratios, float), np.asarray(labels, float)
        if x.shape != y.shape or x.ndim != 1:
            raise ValueError(
                "`ratios` and `labels` must be lists of one length. "
                f"Received: {x.shape} and {y.shape}."
            )
        known = ~(np.isnan(x) | np.isnan(y))
        classes = sorted(set(y[known].tolist()))
        if classes != [0.0, 1.0]:
            raise ValueError(
                "Eyes with and without glaucoma are needed, labelled 1 and "
                f"0. Received: labels {classes} of {int(known.sum())} eyes "
                "with a ratio."
            )
        model = LogisticRegression(C=strength)
        model.fit(x[known, None], y[known].astype(int))
        return cls(float(model.coef_[0, 0]), float(model.intercept_[0]))

    def probability(self, ratios: Sequence[float]) -> NDArray[np.float64]:
        """Probability of glaucoma.

        Args:
            ratios: Vertical cup-to-disc ratios.

        Returns:
            One number in [0, 1] an eye; NaN where the ratio is.
        """
        odds = self.coefficient * np.asarray(ratios, float) + self.intercept
        # Through tanh, which does not overflow.
        return np.asarray(0.5 * (1 + np.tanh(odds / 2)))
