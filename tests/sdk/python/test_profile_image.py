"""Profile images: what is taken, what is refused, and what the address then answers."""

import pytest

import pictures
from adapter import codes, refused
from test_create import A_NOBODY

FORMATS = {
    "image/png": pictures.png(),
    "image/jpeg": pictures.JPEG,
    "image/gif": pictures.GIF,
    "image/webp": pictures.WEBP,
}


@pytest.fixture
def user(users):
    return users.create(email_address=["ada@example.com"], first_name="Ada", last_name="Lovelace")


def file_of(content, name="picture.png", media_type="image/png") -> dict:
    return {"file_name": name, "content": content, "content_type": media_type}


@pytest.fixture
def picture_at(anyone):
    """Fetches the picture behind an address, its headers checked."""

    def fetch(url: str, **query) -> bytes:
        answer = anyone.get(url, params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == pictures.media_type(answer.content)
        assert "max-age" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        return answer.content

    return fetch


def test_a_user_without_a_picture_has_a_generated_one(users, user, server, picture_at):
    assert user.has_image is False
    assert user.image_url.startswith(f"{server.base}/images/")
    width, height = pictures.size(picture_at(user.image_url))
    assert width == height > 0
    assert pictures.size(picture_at(user.image_url, width=48, height=48)) == (48, 48)


@pytest.mark.parametrize("media_type", FORMATS)
def test_each_format_is_taken_and_served(users, user, media_type, picture_at):
    after = users.set_profile_image(user_id=user.id, file=file_of(FORMATS[media_type], "p", media_type))
    assert after.has_image is True
    assert after.image_url != user.image_url
    assert users.get(user_id=user.id) == after
    assert pictures.size(picture_at(after.image_url)) == (pictures.WIDTH, pictures.HEIGHT)


def test_an_open_file_is_taken(users, user, tmp_path):
    path = tmp_path / "ada.png"
    path.write_bytes(pictures.png())
    with path.open("rb") as file:
        assert users.set_profile_image(user_id=user.id, file=file_of(file)).has_image is True


def test_the_content_decides_and_not_the_declared_type(users, user, picture_at):
    for name, media_type in (("x.bin", "application/octet-stream"), ("x.txt", "text/plain"), ("x.png", "image/png")):
        after = users.set_profile_image(user_id=user.id, file=file_of(pictures.JPEG, name, media_type))
        assert pictures.size(picture_at(after.image_url)) == (pictures.WIDTH, pictures.HEIGHT)


def test_width_and_height_scale_the_picture(users, user, picture_at):
    url = users.set_profile_image(user_id=user.id, file=file_of(pictures.png(64, 32))).image_url
    assert pictures.size(picture_at(url)) == (64, 32)
    assert pictures.size(picture_at(url, width=16)) == (16, 8)
    assert pictures.size(picture_at(url, height=16)) == (32, 16)
    assert pictures.size(picture_at(url, width=16, height=16, fit="scale-down")) == (16, 8)
    assert pictures.size(picture_at(url, width=16, height=16, fit="crop")) == (16, 16)
    assert pictures.size(picture_at(url, width=640, fit="scale-down")) == (64, 32)
    assert pictures.size(picture_at(url, width=32, quality=50)) == (32, 16)


@pytest.mark.parametrize("query", [{"width": 0}, {"height": -1}, {"width": "x"}, {"fit": "melt"}, {"quality": 101}])
def test_a_senseless_size_is_refused(user, query, anyone):
    assert 400 <= anyone.get(user.image_url, params=query).status_code < 500


def test_an_unknown_picture_is_not_found(server, anyone):
    answer = anyone.get(f"{server.base}/images/nothing")
    assert codes(refused(answer, 404)) in (["image_not_found"], ["resource_not_found"])


def test_a_second_picture_replaces_the_first(users, user, picture_at):
    first = users.set_profile_image(user_id=user.id, file=file_of(pictures.png()))
    second = users.set_profile_image(user_id=user.id, file=file_of(pictures.png(8, 8, b"\xff\x00\x00")))
    assert second.image_url != first.image_url
    assert pictures.size(picture_at(second.image_url)) == (8, 8)


def test_deleting_the_picture_brings_the_generated_one_back(users, user):
    users.set_profile_image(user_id=user.id, file=file_of(pictures.png()))
    after = users.delete_profile_image(user_id=user.id)
    assert (after.has_image, after.image_url) == (False, user.image_url)
    assert users.get(user_id=user.id) == after


def test_deleting_where_there_is_none_changes_nothing(users, user):
    assert users.delete_profile_image(user_id=user.id) == user


@pytest.mark.parametrize(
    "content",
    [
        pictures.SVG,
        pictures.BMP,
        b"",
        b"just text",
        b"\x89PNG\r\n\x1a\n" + pictures.SVG,
        pictures.png()[:60],
        pictures.JPEG[:100],
        b"<html><img src=x></html>",
    ],
    ids=["svg", "bmp", "empty", "text", "svg posing as png", "torn png", "torn jpeg", "html"],
)
def test_what_is_no_picture_is_refused(users, user, content):
    pairs = users.refused("set_profile_image", 400, user_id=user.id, file=file_of(content))
    assert codes(pairs) == ["request_body_invalid"]
    assert users.get(user_id=user.id) == user


def test_a_bomb_is_refused_before_it_is_unpacked(users, user):
    bomb = pictures.png_claiming(100_000, 100_000, b"\x00" * 1_000_000)
    pairs = users.refused("set_profile_image", 400, user_id=user.id, file=file_of(bomb))
    assert codes(pairs) == ["request_body_invalid"]


def test_more_than_ten_megabytes_are_too_large(users, user):
    content = pictures.png() + b"\x00" * (10 * 1024 * 1024)
    pairs = users.refused("set_profile_image", 413, user_id=user.id, file=file_of(content))
    assert codes(pairs) == ["image_too_large"]
    assert users.get(user_id=user.id) == user


def test_a_missing_file_is_refused(users, user):
    assert users.refused("set_profile_image", 400, user_id=user.id) == [("form_param_missing", "file")]


def test_a_form_without_the_part_is_refused(http, user):
    answer = http.post(f"/users/{user.id}/profile_image", files={"picture": ("p.png", pictures.png(), "image/png")})
    assert refused(answer, 400) == [("form_param_missing", "file")]


def test_what_is_not_a_form_is_refused(http, user):
    for media_type in ("application/json", "image/png", "text/plain"):
        answer = http.post(
            f"/users/{user.id}/profile_image", content=pictures.png(), headers={"Content-Type": media_type}
        )
        assert refused(answer, 415) == [("unsupported_content_type", None)]


def test_a_torn_form_is_refused(http, user):
    answer = http.post(
        f"/users/{user.id}/profile_image",
        content=b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.png"\r\n\r\n' + pictures.png(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 400
    assert refused(answer, 400)


def test_an_unknown_user_is_not_found(users):
    assert codes(users.refused("set_profile_image", 404, user_id=A_NOBODY, file=file_of(pictures.png()))) == [
        "resource_not_found"
    ]
    assert codes(users.refused("delete_profile_image", 404, user_id=A_NOBODY)) == ["resource_not_found"]
