'use strict';
// File systems of a test's own: a small tmpfs that can fill up, an ext4 on a loop device that can lose its power.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { scratch, until } = require('./kit');

const mounted = new Set();
const run = (command, ...args) => execFileSync(command, args, { stdio: 'pipe' });

// A failing or timed out test must not leave mounts behind.
process.once('exit', () => mounted.forEach((mount) => mount.remove()));
process.once('SIGTERM', () => process.exit(1));

class Mount {
  constructor(kind, size) {
    this.home = scratch();
    this.folder = path.join(this.home, 'mnt');
    this.image = path.join(this.home, 'image');
    this.kind = kind;
    this.size = size;
    fs.mkdirSync(this.folder);
    if (kind === 'ext4') {
      run('truncate', '-s', size, this.image);
      run('mkfs.ext4', '-q', '-F', this.image);
    }
    this.attach();
    mounted.add(this);
  }

  static tmpfs(size) { return new Mount('tmpfs', size); }
  static ext4(size) { return new Mount('ext4', size); }

  get dataDir() { return path.join(this.folder, 'data'); }

  attach() {
    if (this.kind === 'tmpfs') run('mount', '-t', 'tmpfs', '-o', `size=${this.size}`, 'tmpfs', this.folder);
    else run('mount', '-o', 'loop', this.image, this.folder);
  }

  detach() { run('umount', this.folder); }

  /** Off and on again. The kernel may hold the device a moment longer than the killed process lived. */
  async remount() {
    await until(() => { try { this.detach(); return true; } catch { return false; } }, 5_000, 'umount');
    this.attach();
  }

  remove() {
    if (!mounted.delete(this)) return;
    try { this.detach(); } catch { run('umount', '-l', this.folder); }
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

module.exports = { Mount };
