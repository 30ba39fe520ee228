"""Fifty replies a second for a minute, each from another visitor, as CloudFront hands them on."""

import contextlib
import http.client
import threading
import time
import urllib.parse

RATE, SECONDS, AT_ONCE = 50, 60, 48
# Who was told that nothing was sent sends again.
TRIES = 5


class Load:
    """What became of the replies: {contact: reference}, and how often somebody had to send again."""

    def __init__(self, host, path, secret):
        self.host, self.path, self.secret = host, path, secret
        self.thanked, self.given_up, self.again = {}, [], 0
        self.lock = threading.Lock()
        self.numbers = iter(range(RATE * SECONDS))

    def run(self):
        """Offers them at their rate, for a minute and no longer, however slow the machine is."""
        self.started = time.monotonic()
        threads = [threading.Thread(target=self.visitors) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds = time.monotonic() - self.started

    def visitors(self):
        with contextlib.closing(http.client.HTTPConnection(self.host, timeout=30)) as connection:
            self.visit(connection)

    def visit(self, connection):
        while True:
            with self.lock:
                number = next(self.numbers, None)
            late = self.started + number / RATE - time.monotonic() if number is not None else 0
            if number is None or time.monotonic() - self.started > SECONDS:
                return
            time.sleep(max(0, late))
            self.visitor(connection, number)

    def visitor(self, connection, number):
        contact = f"01632 {960000 + number}"
        body = urllib.parse.urlencode({"name": f"Person {number}", "contact": contact})
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-origin-secret": self.secret,
            "cloudfront-viewer-address": f"198.{51 + number // 62500}.{number // 250 % 250}.{number % 250}:443",
        }
        for _ in range(TRIES):
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 303:
                query = urllib.parse.urlsplit(answer.headers["Location"]).query
                with self.lock:
                    self.thanked[contact] = urllib.parse.parse_qs(query)["reference"][0]
                return
            with self.lock:
                self.again += 1
            time.sleep(0.3)
        with self.lock:
            self.given_up.append(contact)
