from hypothesis import settings

# The first call of a traced function takes as long as its tracing.
settings.register_profile(
    "weightings", deadline=None, derandomize=True, max_examples=25
)
settings.load_profile("weightings")
