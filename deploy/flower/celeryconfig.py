"""What Flower has to know of our Celery, beside the broker: how its keys begin."""

broker_transport_options = {"global_keyprefix": "mvidarr:"}
