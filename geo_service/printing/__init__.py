"""SheetContent → SVG map → Typst → PDF; decides nothing."""

from geo_service.printing.printer import TypstPrinter

__all__ = ["TypstPrinter"]
