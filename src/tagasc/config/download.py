"""Section ``download``: how the data sets are fetched."""

from typing import Annotated

from pydantic import Field

from tagasc.config.paths import UserPath
from tagasc.config.section import Section, SmallCount


class Download(Section):
    """How the data sets are fetched. Used by `source: download` only; changing a key re-runs nothing."""

    archives: UserPath = "archives"
    """Folder of the archives. A relative path is below `data`. Archives that you already have can be put there under
    their names on Zenodo: they are verified instead of fetched."""
    keep_archives: bool = True
    """Keep the archives after unpacking. false deletes them, including those that you put there, and saves 62 GB. If
    unpacking ever has to be repeated, they are fetched again."""
    mirror: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] = "https://zenodo.org"
    """Address of a server with the same paths as Zenodo: /record/2589280/files/NAME, /record/3612637/files/NAME and
    /api/records/3612637. For a proxy, set the environment variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY."""
    parallel_downloads: SmallCount = 4
    """Archives to fetch at the same time. Zenodo limits the rate, so more than a handful are not faster. On a cluster,
    local-cores in slurm/profile.yaml limits them as well."""
