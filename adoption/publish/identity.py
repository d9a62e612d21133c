"""What names a publication wherever it is quoted: the edition and the digest of its content.

Belongs here: the name and its two forms in words. Does not belong here: which edition a file is
(`adoption.editions.store`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHORT: Final = 12
"""So many digits of a digest are shown to people; files for programs hold all of them."""


@dataclass(frozen=True)
class Identity:
    """Which edition is shown, and the digest of its content; of what is not frozen, that of the published file."""

    edition: str | None
    sha256: str

    @property
    def mark(self) -> str:
        """A few words for the foot of a picture or a line of text."""
        name = f"edition {self.edition}" if self.edition else "not a frozen edition"
        return f"{name}, sha256 {self.sha256[:SHORT]}"

    @property
    def sentence(self) -> str:
        """Whether what is shown can still change, for pages and answers."""
        if self.edition:
            return f"This is edition {self.edition} (content sha256 {self.sha256[:SHORT]}), which never changes."
        return f"This is not a frozen edition (file sha256 {self.sha256[:SHORT]}): later builds may say otherwise."

    def fields(self) -> dict[str, str | None]:
        """The same for programs."""
        return {"edition": self.edition, "content_sha256" if self.edition else "file_sha256": self.sha256}
