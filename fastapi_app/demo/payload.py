"""What the job that makes the demo is given."""

from pydantic import BaseModel


class Demo(BaseModel):
    """Nothing: there is one demo."""
