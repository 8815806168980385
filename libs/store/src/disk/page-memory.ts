const pageSize = 64 * 1024;

/**
 * Memory of zeros that begins at a page of the machine, which direct writes ask for. Node's own buffers begin behind
 * a header of the allocator, at an address that nothing tells; memory of WebAssembly is mapped in whole pages. Undefined
 * where there is none to be had (`--jitless`, a limit of virtual memory).
 */
export function pageMemory(bytes: number): Buffer | undefined {
  const pages = Math.ceil(bytes / pageSize);
  try {
    return Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer, 0, bytes);
  } catch {
    return undefined;
  }
}
