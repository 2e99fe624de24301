"""What people choose most often where twelve characters are asked for, in lower case.

Whole passwords, and words that are no better for the digits and signs put around them ("Welcome2024!!"). A list of
millions would catch more; what guards an account against guessing is the throttle and the second factor.
"""

from __future__ import annotations

WHOLE = frozenset({
    "1234567890ab", "12345678900987654321", "123qweasdzxc", "1q2w3e4r5t6y", "1q2w3e4r5t6y7u8i", "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv", "abcd12345678", "adminadminadmin", "changemenow1", "correcthorsebatterystaple",
    "iloveyou1234", "letmeinletmein", "passwordpassword", "password1password1", "q1w2e3r4t5y6", "qazwsxedcrfv",
    "qwer1234asdf", "qwertyqwerty", "qwertyuiopasdf", "qwertyuiopasdfghjkl", "thisismypassword", "trustno1trustno1",
    "welcome1welcome1", "zaq12wsxcde3", "zxcvbnmasdfghjkl",
})  # fmt: skip
WORDS = frozenset({
    "abc", "abcd", "abcdef", "abcdefg", "abcdefgh", "admin", "administrator", "asdf", "asdfgh", "asdfghjkl", "baseball",
    "changeme", "default", "dragon", "focusweek", "football", "freedom", "hello", "iloveyou", "letmein", "login",
    "master", "monkey", "p@ssword", "p@ssw0rd", "pass", "passw0rd", "passwort", "password", "passphrase", "princess",
    "qwer", "qwerty", "qwertyuiop", "qwertz", "root", "secret", "spring", "summer", "autumn", "winter", "sunshine",
    "superman", "temporary", "test", "testing", "user", "welcome", "whatever", "january", "zxcvbnm",
})  # fmt: skip
