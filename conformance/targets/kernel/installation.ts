/** What a guest is started from: files on this machine, found or downloaded. */
export interface KernelInstallation {
  /** The kernel as a program, `linux.uml`. */
  readonly kernel: string;
  /** What it says `uname -r` is. */
  readonly version: string;
  /** Folder with its modules and `modules.dep`. */
  readonly modules: string;
  readonly ipvsadm: string;
  readonly perl: string;
  /** Folders with libraries that `ipvsadm` needs and this machine does not have installed. */
  readonly libraries: readonly string[];
  /** Command that compiles C into a shared object, or null: then the guest's clock cannot be moved. */
  readonly compiler: readonly string[] | null;
  /** Versions of the packages all this comes from, by package name. */
  readonly packages: Readonly<Record<string, string>>;
}
