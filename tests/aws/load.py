"""Sends many replies at once, each from a different visitor, as CloudFront passes them on."""

import contextlib
import http.client
import threading
import time
import urllib.parse

# Enough at once for concurrent calls to the store; few enough for a slow machine to answer within the store's 3 seconds.
REPLIES, CONCURRENCY = 1_000, 16
# A visitor who is told that nothing was sent sends again.
TRIES = 20


class Load:
    """The acknowledged replies, {contact: reference}, and the number of retries."""

    def __init__(self, host, path, secret):
        self.host, self.path, self.secret = host, path, secret
        self.acknowledged, self.failed, self.retries = {}, [], 0
        self.lock = threading.Lock()
        self.numbers = iter(range(REPLIES))

    def run(self):
        """Sends all replies as fast as they are answered."""
        threads = [threading.Thread(target=self.visitors) for _ in range(CONCURRENCY)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def visitors(self):
        # The timeout only ends a test that hangs.
        with contextlib.closing(http.client.HTTPConnection(self.host, timeout=600)) as connection:
            while (number := self.next_number()) is not None:
                self.visitor(connection, number)

    def next_number(self):
        with self.lock:
            return next(self.numbers, None)

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
                    self.acknowledged[contact] = urllib.parse.parse_qs(query)["reference"][0]
                return
            with self.lock:
                self.retries += 1
            time.sleep(0.3)
        with self.lock:
            self.failed.append(contact)
