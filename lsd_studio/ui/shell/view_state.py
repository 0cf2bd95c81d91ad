"""What a page shows, as it is noted in figures and sessions, and read back from files that anyone may have written."""

from __future__ import annotations

from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from lsd_studio.engine.figures.spec import ViewSettings

LARGEST_NUMBER = 2**31 - 1
"""That Qt's controls take."""
MOST_ENTRIES = 100_000
LONGEST_TEXT = 10_000


class ViewState(BaseModel):
    """What brings a page back to what it shows.

    Every field has a default, which is taken for a value that is not valid; what is no field is ignored. Validate
    settings with `model_validate`, and note them with `model_dump(mode="json")`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_default(cls, value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return cls.model_fields[info.field_name or ""].get_default(call_default_factory=True)


def readable(settings: ViewSettings) -> dict[str, object]:
    """The settings without those that no control can show: numbers, texts or lists beyond its bounds, or no JSON."""
    return {name: value for name, value in settings.items() if _is_readable(value)}


def _is_readable(value: object) -> bool:
    match value:
        case None:
            return True
        case int() | float():
            return abs(value) <= LARGEST_NUMBER
        case str():
            return len(value) <= LONGEST_TEXT
        case dict():
            return len(value) <= MOST_ENTRIES and all(map(_is_readable, value.values()))
        case list() | tuple():
            return len(value) <= MOST_ENTRIES and all(map(_is_readable, value))
    return False
