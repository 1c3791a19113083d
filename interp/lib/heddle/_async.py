"""Parts of asynchronous built-ins that are simplest in Python."""


async def anext_default(awaitable, default):
    try:
        return await awaitable
    except StopAsyncIteration:
        return default
