"""What the second step of a login takes and answers."""

from pydantic import BaseModel, Field

from fastapi_app.auth.schemas import Done


class Code(BaseModel):
    """Documents the body: JSON, or a form without `user_id`."""

    user_id: int = Field(description="As the first step answered")
    token: str = Field(description="Six digits, or a backup code", examples=["123456"])


class Verified(Done):
    """A login, complete."""

    session_token: str = Field(description="The cookie holds it too")
    redirect_url: str = Field(examples=["/"])
