"""How every block of a configuration is read."""

from __future__ import annotations

import pydantic

STRICT = pydantic.ConfigDict(
    extra="forbid", frozen=True, allow_inf_nan=False, validate_default=False
)
