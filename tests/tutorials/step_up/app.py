"""The app of the guide “Step-up”."""

from flask import Flask, request

from housekey import Housekey, fresh_login_required, require_aal


def create_app(**settings):
    app = Flask("bank")
    app.config.update(settings)
    Housekey(app)

    @app.post("/payout")
    @fresh_login_required(max_age=300)
    def payout():
        return f"{request.form['amount']} paid out"

    @app.get("/vault")
    @require_aal(2)
    def vault():
        return "Two factors were here."

    @app.post("/vault/empty")
    @require_aal(2, max_age=300)
    def empty_vault():
        return "Empty."

    return app
