"""The shop, as it was written years ago."""

from flask import Flask, jsonify

ORDERS = {
    7: {"id": 7, "name": "Café", "total": 4.5, "paid": False},
    8: {"id": 8, "name": "Bread", "total": 2.0, "paid": True},
}

app = Flask(__name__, static_folder=None)


@app.get("/api/orders")
def orders():
    return jsonify(orders=list(ORDERS.values()))


@app.get("/api/orders/<int:order_id>")
def order(order_id):
    if order_id not in ORDERS:
        return jsonify(error="There is no such order."), 404
    return jsonify(ORDERS[order_id])


@app.get("/about/")
def about():
    return "<h1>About us</h1>"


@app.errorhandler(404)
def not_found(error):
    return jsonify(error="There is nothing here."), 404
