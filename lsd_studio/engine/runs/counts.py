"""Types of whole numbers and times in a run's files."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

MOST = 2**53
"""Above any count there is, and what a float still holds exactly."""

Count = Annotated[int, Field(ge=0, le=MOST)]
"""Steps, epochs, images."""

Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1970, 1, 2, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC))
]
"""A time that every clock of every zone can show."""
