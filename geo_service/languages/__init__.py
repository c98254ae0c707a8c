"""The languages that the service writes to the public in: their catalogues, and which texts a reviewer approved."""

from geo_service.languages.written import NAMES, WrittenLanguage, written_languages

__all__ = ["NAMES", "WrittenLanguage", "written_languages"]
