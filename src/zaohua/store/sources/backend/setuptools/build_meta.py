"""The backend of packages that name none, or setuptools."""

from carried import Backend  # type: ignore[import-not-found]

__legacy__ = Backend()
get_requires_for_build_wheel = Backend.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = Backend.prepare_metadata_for_build_wheel
