"""Static checks of an agreement: is it specific, and can it be executed?"""
