"""The table of all components. Adding one adds one row.

Kind to name to `"module:attribute"`; nothing is imported.
"""

from __future__ import annotations

from keras_mtl.datasets.registry import DATASETS

ROWS: dict[str, dict[str, str]] = {
    "aggregators": {
        "aligned_mtl": "keras_mtl.aggregators.aligned_mtl:AlignedMTL",
        "cagrad": "keras_mtl.aggregators.cagrad:CAGrad",
        "con_fig": "keras_mtl.aggregators.con_fig:ConFIG",
        "constant": "keras_mtl.aggregators.constant:Constant",
        "cr_mogm": "keras_mtl.aggregators.cr_mogm:CRMOGM",
        "db_mtl": "keras_mtl.aggregators.db_mtl:DBMTL",
        "dualproj": "keras_mtl.aggregators.dualproj:DualProj",
        "excess_mtl": "keras_mtl.aggregators.excess_mtl:ExcessMTL",
        "fairgrad": "keras_mtl.aggregators.fairgrad:FairGrad",
        "graddrop": "keras_mtl.aggregators.graddrop:GradDrop",
        "gradvac": "keras_mtl.aggregators.gradvac:GradVac",
        "great": "keras_mtl.aggregators.great:GREAT",
        "imtl_g": "keras_mtl.aggregators.imtl_g:IMTLG",
        "krum": "keras_mtl.aggregators.krum:Krum",
        "mean": "keras_mtl.aggregators.mean:Mean",
        "mgda": "keras_mtl.aggregators.mgda:MGDA",
        "moco": "keras_mtl.aggregators.moco:MoCo",
        "modo": "keras_mtl.aggregators.modo:MoDo",
        "nash_mtl": "keras_mtl.aggregators.nash_mtl:NashMTL",
        "pcd": "keras_mtl.aggregators.pcd:PCD",
        "pcgrad": "keras_mtl.aggregators.pcgrad:PCGrad",
        "random": "keras_mtl.aggregators.random:Random",
        "sdmgrad": "keras_mtl.aggregators.sdmgrad:SDMGrad",
        "sum": "keras_mtl.aggregators.sum:Sum",
        "trimmed_mean": "keras_mtl.aggregators.trimmed_mean:TrimmedMean",
        "upgrad": "keras_mtl.aggregators.upgrad:UPGrad",
    },
    "weightings": {
        "cosmos": "keras_mtl.weightings.cosmos:COSMOS",
        "dtp": "keras_mtl.weightings.dtp:DTP",
        "dwa": "keras_mtl.weightings.dwa:DWA",
        "famo": "keras_mtl.weightings.famo:FAMO",
        "gls": "keras_mtl.weightings.gls:GLS",
        "gradnorm": "keras_mtl.weightings.gradnorm:GradNorm",
        "imtl_l": "keras_mtl.weightings.imtl_l:IMTLL",
        "lbtw": "keras_mtl.weightings.lbtw:LBTW",
        "log": "keras_mtl.weightings.log:Log",
        "pbi": "keras_mtl.weightings.pbi:PBI",
        "rlw": "keras_mtl.weightings.rlw:RLW",
        "static": "keras_mtl.weightings.static:Static",
        "stch": "keras_mtl.weightings.stch:STCH",
        "uncertainty": "keras_mtl.weightings.uncertainty:Uncertainty",
    },
    "trainers": {
        "alternating": "keras_mtl.trainers.alternating:Alternating",
        "cooperative": "keras_mtl.trainers.cooperative:Cooperative",
        "independent": "keras_mtl.trainers.independent:Independent",
        "shared": "keras_mtl.trainers.shared:Shared",
        "single_task": "keras_mtl.trainers.single_task:SingleTask",
    },
    "models": {
        "backbone": "keras_mtl.models.backbone:backbone",
        "cgc": "keras_mtl.models.cgc:cgc",
        "convnet9": "keras_mtl.models.convnet9:convnet9",
        "cooperative": "keras_mtl.models.cooperative:cooperative",
        "cross_stitch": "keras_mtl.models.cross_stitch:cross_stitch",
        "dselect_k": "keras_mtl.models.dselect_k:dselect_k",
        "learning_to_branch": (
            "keras_mtl.models.learning_to_branch:learning_to_branch"
        ),
        "lenet": "keras_mtl.models.lenet:lenet",
        "mlp": "keras_mtl.models.mlp:mlp",
        "mmoe": "keras_mtl.models.mmoe:mmoe",
        "mtan": "keras_mtl.models.mtan:mtan",
        "nddr": "keras_mtl.models.nddr:nddr",
        "ple": "keras_mtl.models.ple:ple",
        "resnet18": "keras_mtl.models.resnet18:resnet18",
        "segnet": "keras_mtl.models.segnet:segnet",
        "soft_sharing": "keras_mtl.models.soft_sharing:soft_sharing",
        "unet": "keras_mtl.models.unet:unet",
    },
    "layers": {
        "branch_selection": "keras_mtl.layers.branch_selection:BranchSelection",
        "cooperative_fusion": (
            "keras_mtl.layers.cooperative_fusion:CooperativeFusion"
        ),
        "cross_stitch": "keras_mtl.layers.cross_stitch:CrossStitch",
        "dselect_k_gate": "keras_mtl.layers.dselect_k_gate:DSelectKGate",
        "expert_mixture": "keras_mtl.layers.expert_mixture:ExpertMixture",
        "max_pooling_with_indices": (
            "keras_mtl.layers.max_pooling_with_indices:MaxPoolingWithIndices"
        ),
        "max_unpooling": "keras_mtl.layers.max_unpooling:MaxUnpooling",
        "nddr": "keras_mtl.layers.nddr:NDDR",
        "roaming_mask": "keras_mtl.layers.roaming_mask:RoamingMask",
        "select_tasks": "keras_mtl.layers.select_tasks:SelectTasks",
        "soft_sharing": "keras_mtl.layers.soft_sharing:SoftSharing",
        "squeeze_excite_gate": (
            "keras_mtl.layers.squeeze_excite_gate:SqueezeExciteGate"
        ),
        "stop_gradient": "keras_mtl.layers.stop_gradient:StopGradient",
        "task_batch_normalization": (
            "keras_mtl.layers.task_batch_normalization:TaskBatchNormalization"
        ),
        "task_ids": "keras_mtl.layers.task_ids:TaskIds",
        "tile_tasks": "keras_mtl.layers.tile_tasks:TileTasks",
    },
    "pipelines": {
        "exclusive_masks": (
            "keras_mtl.pipelines.exclusive_masks:ExclusiveMasks"
        ),
        "glaucoma": "keras_mtl.pipelines.glaucoma:Glaucoma",
        "vessels": "keras_mtl.pipelines.vessels:Vessels",
    },
    # The data sets list themselves, for `keras_mtl.datasets.load`.
    "datasets": DATASETS,
    "losses": {
        "binary_crossentropy": "keras.losses:BinaryCrossentropy",
        "binary_focal_crossentropy": "keras.losses:BinaryFocalCrossentropy",
        "categorical_crossentropy": "keras.losses:CategoricalCrossentropy",
        "cosine_distance": "keras_mtl.losses.cosine_distance:CosineDistance",
        "huber": "keras.losses:Huber",
        "log_cosh": "keras.losses:LogCosh",
        "mean_absolute_error": "keras.losses:MeanAbsoluteError",
        "mean_squared_error": "keras.losses:MeanSquaredError",
        "sparse_categorical_crossentropy": (
            "keras.losses:SparseCategoricalCrossentropy"
        ),
        "valid_mean_absolute_error": (
            "keras_mtl.losses.valid_mean_absolute_error:ValidMeanAbsoluteError"
        ),
    },
    "metrics": {
        "absolute_error": "keras_mtl.metrics.absolute_error:AbsoluteError",
        "accuracy": "keras_mtl.config.accuracy:accuracy",
        "auc": "keras.metrics:AUC",
        "auroc": "keras_mtl.metrics.auroc:AUROC",
        "binary_accuracy": "keras.metrics:BinaryAccuracy",
        "dice": "keras_mtl.metrics.dice:Dice",
        "f1_score": "keras_mtl.metrics.f1_score:F1Score",
        "fovea_distance": "keras_mtl.metrics.fovea_distance:FoveaDistance",
        "mean_absolute_error": "keras.metrics:MeanAbsoluteError",
        "mean_angle": "keras_mtl.metrics.mean_angle:MeanAngle",
        "mean_iou": "keras_mtl.metrics.mean_iou:MeanIoU",
        "mean_squared_error": "keras.metrics:MeanSquaredError",
        "median_angle": "keras_mtl.metrics.median_angle:MedianAngle",
        "pixel_accuracy": "keras_mtl.metrics.pixel_accuracy:PixelAccuracy",
        "precision": "keras_mtl.metrics.precision:Precision",
        "recall": "keras_mtl.metrics.recall:Recall",
        "relative_error": "keras_mtl.metrics.relative_error:RelativeError",
        "root_mean_squared_error": "keras.metrics:RootMeanSquaredError",
        "sensitivity": "keras_mtl.metrics.sensitivity:Sensitivity",
        "sparse_categorical_accuracy": (
            "keras.metrics:SparseCategoricalAccuracy"
        ),
        "sparse_top_k_categorical_accuracy": (
            "keras.metrics:SparseTopKCategoricalAccuracy"
        ),
        "specificity": "keras_mtl.metrics.specificity:Specificity",
        "within_angle": "keras_mtl.metrics.within_angle:WithinAngle",
    },
    "callbacks": {
        "anneal_temperature": (
            "keras_mtl.callbacks.anneal_temperature:AnnealTemperature"
        ),
        "checkpoint_writer": (
            "keras_mtl.callbacks.checkpoint_writer:CheckpointWriter"
        ),
        "covered_distance": (
            "keras_mtl.callbacks.covered_distance:CoveredDistance"
        ),
        "flatness_probe": "keras_mtl.callbacks.flatness_probe:FlatnessProbe",
        "history_csv": "keras_mtl.callbacks.history_csv:HistoryCSV",
        "progress_line": "keras_mtl.callbacks.progress_line:ProgressLine",
        "roaming": "keras_mtl.callbacks.roaming:Roaming",
        "stop_on_divergence": (
            "keras_mtl.callbacks.stop_on_divergence:StopOnDivergence"
        ),
        "stop_on_signal": "keras_mtl.callbacks.stop_on_signal:StopOnSignal",
        "task_weight_logger": (
            "keras_mtl.callbacks.task_weight_logger:TaskWeightLogger"
        ),
        "tensorboard": "keras_mtl.callbacks.tensorboard:TensorBoard",
    },
    "optimizers": {
        "adadelta": "keras.optimizers:Adadelta",
        "adafactor": "keras.optimizers:Adafactor",
        "adagrad": "keras.optimizers:Adagrad",
        "adam": "keras.optimizers:Adam",
        "adamax": "keras.optimizers:Adamax",
        "adamw": "keras.optimizers:AdamW",
        "lamb": "keras.optimizers:Lamb",
        "lion": "keras.optimizers:Lion",
        "nadam": "keras.optimizers:Nadam",
        "rmsprop": "keras.optimizers:RMSprop",
        "sgd": "keras.optimizers:SGD",
    },
    "schedules": {
        "cosine_decay": "keras.optimizers.schedules:CosineDecay",
        "cosine_decay_restarts": (
            "keras.optimizers.schedules:CosineDecayRestarts"
        ),
        "exponential_decay": "keras.optimizers.schedules:ExponentialDecay",
        "inverse_time_decay": "keras.optimizers.schedules:InverseTimeDecay",
        "piecewise_constant_decay": (
            "keras.optimizers.schedules:PiecewiseConstantDecay"
        ),
        "polynomial_decay": "keras.optimizers.schedules:PolynomialDecay",
    },
}
