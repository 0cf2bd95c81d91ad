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

__all__ = ["ViewState"]


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
