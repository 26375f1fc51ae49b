"""Starting, watching and looking after one installation: what the commands of `fastapi_app.cli` are made of."""
