/**
 * Whichever undici is loaded first sends what `fetch` asks for, and Node's own fetch does not work on every later one.
 * Node loads its own when one of its classes is looked at.
 */
void globalThis.Response;
