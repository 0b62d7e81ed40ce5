"""The backend of packages whose C++ is compiled by CMake."""

from carried import Backend  # type: ignore[import-not-found]

get_requires_for_build_wheel = Backend.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = Backend.prepare_metadata_for_build_wheel
