/** A file on its way. `open` may be called again for another try. */
export interface Attachment {
  name: string;
  mimeType: string;
  /** Bytes. */
  size: number;
  open(): NodeJS.ReadableStream;
}
