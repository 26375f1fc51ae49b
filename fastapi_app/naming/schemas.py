"""What the routes of naming take and answer, for the description of the API."""

from pydantic import BaseModel, Field


class Token(BaseModel):
    """A word that a template may name."""

    name: str = Field(examples=["artist"])
    description: str
    example: str


class Tokens(BaseModel):
    """Every word, and the templates."""

    default: str
    current: str
    tokens: list[Token]


class Draft(BaseModel):
    """A template that somebody is writing."""

    template: str = Field(examples=["{artist}/{title}[ ({year})]"])


class Example(BaseModel):
    """A film of the library under its new name, below the library's folder."""

    video_id: int | None = Field(description="Null for the made-up film of an empty library")
    artist: str
    title: str
    path: str


class Preview(BaseModel):
    """What a template makes of a few films: the newest, the longest, the oddest."""

    template: str
    examples: list[Example]


class TemplateProblem(BaseModel):
    """What is wrong. Of a template that can't be used, also where."""

    error: str
    field: str = Field("template", examples=["template"])
    position: int = Field(0, description="The character that is wrong, from 0")
