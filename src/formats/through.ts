import { pipeline, Readable, type Transform } from 'node:stream';

/** What comes out of the transform when the source goes in; an error on either side reaches whoever iterates. */
export async function* through(source: AsyncIterable<Buffer>, transform: Transform): AsyncGenerator<Buffer> {
  pipeline(Readable.from(source), transform, () => {}); // an error destroys the transform with it
  yield* transform;
}
