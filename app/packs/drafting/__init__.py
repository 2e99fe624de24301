"""From a toolkit as its issuer publishes it to a draft of a pack that a person confirms item by item.

file -> lines (with where each stands) -> what is found -> YAML
"""
