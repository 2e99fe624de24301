from __future__ import annotations

import httpx
import pytest
from api_client import Json, made, ok, refused

from app.api.guard import LARGEST_BODY

JSON = {"content-type": "application/json"}


class TestHosts:
    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil", ""]
    )
    def test_a_foreign_host_is_refused(self, api: httpx.Client, host: str) -> None:
        refused(api.get("/campaigns", headers={"host": host}), 400, "host.refused")

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1:1", "[::1]:8000", "[::1]"])
    def test_our_own_names_are_answered_on_any_port(self, api: httpx.Client, host: str) -> None:
        ok(api.get("/campaigns", headers={"host": host}))

    def test_health_and_pages_are_guarded_as_well(self, site: httpx.Client) -> None:
        for address in ("/", "/sandbox", "/healthz", "/static/focusweek.css", "/no-such-page"):
            refused(site.get(address, headers={"host": "evil.example"}), 400, "host.refused")


class TestOtherSites:
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "http://localhost:3000"},
            {"origin": "http://[broken"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        ],
    )
    def test_neither_writes_nor_reads_of_the_api_are_answered(self, api: httpx.Client, headers: dict[str, str]) -> None:
        refused(api.post("/campaigns", json={}, headers=headers), 403, "origin.refused")
        refused(api.get("/campaigns", headers=headers), 403, "origin.refused")
        assert ok(api.get("/campaigns"))["items"] == []

    def test_our_own_pages_may_write(self, api: httpx.Client) -> None:
        origin = f"http://{api.base_url.host}:{api.base_url.port}"
        made(api.post("/campaigns", json={}, headers={"origin": origin, "sec-fetch-site": "same-origin"}))

    def test_a_link_from_elsewhere_may_lead_to_a_page(self, site: httpx.Client) -> None:
        headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        assert site.get("/sandbox", headers=headers).status_code == 200

    def test_no_answer_lets_another_site_read_it(self, api: httpx.Client) -> None:
        answer = api.options("/campaigns", headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


class TestBodies:
    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
    )
    def test_a_write_that_is_not_json_is_refused(self, api: httpx.Client, content_type: str) -> None:
        response = api.post("/campaigns", content=b"{}", headers={"content-type": content_type})
        refused(response, 415, "body.not_json")

    def test_json_with_a_charset_is_json(self, api: httpx.Client) -> None:
        made(api.post("/campaigns", content=b"{}", headers={"content-type": "application/json; charset=utf-8"}))

    def test_a_body_that_is_declared_too_large_is_refused(self, api: httpx.Client) -> None:
        refused(api.post("/check", json={"text": "x" * LARGEST_BODY}), 413, "body.too_large")

    def test_a_body_that_turns_out_too_large_is_refused(self, api: httpx.Client) -> None:
        chunks = (b"x" * 100_000 for _ in range(11))
        refused(api.post("/check", content=chunks, headers=JSON), 413, "body.too_large")

    @pytest.mark.parametrize(
        "body", [b"{", b"", b"{'a': 1}", b'{"text": "x"} more', b"\xff\xfe", b"[" * 100_000, b"9" * 5_000]
    )
    def test_what_is_no_json_is_said_to_be_none(self, api: httpx.Client, body: bytes) -> None:
        response = api.post("/check", content=body, headers=JSON)
        assert response.status_code in (400, 422)
        assert response.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("body", [[], "text", 7, None, True])
    def test_json_that_is_no_object_is_refused(self, api: httpx.Client, body: object) -> None:
        refused(api.post("/check", json=body), 422, "validation.failed")


class TestHeaders:
    @pytest.mark.parametrize(
        "address", ["/", "/sandbox", "/healthz", "/api/v1/campaigns", "/api/v1/nothing", "/static/x"]
    )
    def test_every_answer_is_unframed_unsniffed_and_uncached(self, site: httpx.Client, address: str) -> None:
        headers = site.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        # Pages tell it to ourselves, or browsers would send their forms with Origin: null.
        assert headers["referrer-policy"] == ("same-origin" if address in ("/", "/sandbox") else "no-referrer")
        assert headers["cache-control"] == "no-store"

    def test_pages_may_load_our_own_styles_and_nothing_scripted(self, site: httpx.Client) -> None:
        policy = site.get("/sandbox").headers["content-security-policy"]
        assert "style-src 'self'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy


def test_a_refused_request_is_a_problem_with_a_page(api: httpx.Client, site: httpx.Client) -> None:
    problem: Json = refused(api.get("/nothing"), 404, "not_found")
    page = site.get(problem["type"])
    assert page.status_code == 200
    assert problem["title"] in page.text
