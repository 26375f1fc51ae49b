from front_door import create_router

app = create_router()
