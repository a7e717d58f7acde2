"""Every error that Vivant raises on purpose. The command line prints them as one line, without a traceback.

A message names the file or the value and the way out.
"""


class VivantError(Exception):
    """The root: anything that the user can act on."""


class SettingsError(VivantError):
    """A setting, a flag or a settings file that cannot be used."""


class ImageError(VivantError):
    """A picture that cannot be read or is not fit for its use."""


class InputError(VivantError):
    """A folder or file of the user's that does not hold what the command needs."""


class StoreError(VivantError):
    """A data set on disk that cannot be read, written or continued."""


class ModelError(VivantError):
    """A model that is missing, incomplete or cannot run here."""


class MissingExtraError(ModelError):
    """A library that belongs to an optional extra is not installed."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {library}: pip install 'vivant[{extra}]'")


class EndpointError(VivantError):
    """A model behind an HTTP endpoint that refused, failed or answered nothing usable."""


class RefusedError(EndpointError):
    """A model behind an endpoint that will not do this one thing; another one it may."""
