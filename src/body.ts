// Reads a body, but no more of it than is wanted: a server may send what never ends.

/** Reads a body up to a size; what is longer is cancelled, and given up: `undefined`. */
export async function readUpTo(
  maxBytes: number,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): Promise<Blob | undefined> {
  if (!body) return new Blob();
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let bytes = 0; bytes <= maxBytes; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks);
    bytes += value.byteLength;
    chunks.push(value);
  }
  // Not awaited: a body that never ends may never confirm it.
  reader.cancel().catch(() => {});
  return undefined;
}
