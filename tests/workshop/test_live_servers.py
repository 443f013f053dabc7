"""The rig keeps its promises about real servers."""

import urllib.request

import pytest
from flask import Flask, request


def create_app(greeting="hello"):
    app = Flask(__name__)

    @app.get("/")
    def home():
        app.logger.warning("someone came")
        return f"{greeting} from {request.host}"

    return app


def read(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


@pytest.mark.parametrize("under", ["werkzeug", "gunicorn"])
def test_a_factory_is_served_with_its_arguments_and_its_log_is_kept(live_server, under):
    server = live_server(create_app, under=under, greeting="good day")
    assert read(server.url) == f"good day from localhost:{server.port}"
    assert "someone came" in server.log


def test_a_server_ends_with_all_its_workers(live_server):
    server = live_server(create_app, under="gunicorn", workers=2)
    server.stop()
    with pytest.raises(OSError, match="refused"):
        read(server.url)


def test_a_command_is_told_its_port(live_server):
    server = live_server(["python3", "-m", "http.server", "--bind", "127.0.0.1", "{port}"])
    assert "Directory listing" in read(server.url)


def test_an_app_that_cannot_start_says_why(live_server):
    with pytest.raises(RuntimeError, match="unexpected keyword argument 'colour'"):
        live_server(create_app, colour="red")
