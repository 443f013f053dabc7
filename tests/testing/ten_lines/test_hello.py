import pytest


@pytest.mark.parametrize("name", ["Ann", "Bob"])
def test_people_are_greeted_by_name(client, housekey_user, name):
    client.login(housekey_user(name=name))
    assert client.get("/").text == f"Hello, {name}!"
