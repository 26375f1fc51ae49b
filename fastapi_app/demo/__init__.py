"""A small library made on this machine: invented artists, short real videos, pictures. No internet, no fonts needed."""
