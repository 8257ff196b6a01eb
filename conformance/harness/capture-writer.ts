import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MalformedInput } from '../../reference/errors.ts';
import type { Capture } from '../captures/capture.ts';
import { encodePcapng } from '../captures/encode-pcapng.ts';

/** Writes many small captures while the cases go on. */
export class CaptureWriter {
  readonly #folders = new Map<string, Promise<unknown>>();
  readonly #writes: Promise<void>[] = [];
  #failure: MalformedInput | undefined;

  /** Begins to write a pcapng file, and its folder where missing. */
  write(path: string, capture: Capture): void {
    this.#writes.push(this.#write(path, encodePcapng(capture, path)));
  }

  /**
   * Resolves when no file is being written any more.
   *
   * @throws MalformedInput naming a file that could not be written
   */
  async finish(): Promise<void> {
    await Promise.all(this.#writes);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    try {
      const folder = dirname(path);
      let made = this.#folders.get(folder);
      if (made === undefined) {
        made = mkdir(folder, { recursive: true });
        this.#folders.set(folder, made);
      }
      await made;
      await writeFile(path, bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure ??= new MalformedInput(
        `${path}: cannot be written (${reason}); choose another folder with --out, with room and permission to write`,
      );
    }
  }
}
