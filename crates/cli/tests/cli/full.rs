//! A disk that is full: a clear error, nothing lost, and everything as before once there is room.

use std::path::Path;
use std::process::Command;

use crate::support::{Site, shell};

/// A file system of its own in a folder, as long as this lives.
struct SmallDisk<'s>(&'s Path);

impl<'s> SmallDisk<'s> {
    /// None where only the administrator may mount, and this is somebody else.
    fn mount(folder: &'s Path, megabytes: u32) -> Option<Self> {
        std::fs::create_dir(folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(folder);
        mount.output().is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// Content without a pattern, so that every chunk is new.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut bytes = vec![0; size];
    for eight in bytes.chunks_exact_mut(8) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        eight.copy_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    bytes
}

fn assert_sound(site: &Site, database: &str) {
    let ran = site.run(&format!("verify {database}")).ok();
    assert!(ran.stdout.starts_with("ok: "), "{ran}");
}

/// On a small disk of its own where this may mount one; elsewhere with a limit to the size of files, which the system then
/// reports as a failing disk and not as a full one.
#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing_and_stops_nothing_for_good() {
    let site = Site::with_database();
    site.write("small.bin", "kept");
    site.write("large.bin", noise(48 << 20));
    site.write("middle.bin", noise(6 << 20));
    let folder = site.path("disk");
    let disk = SmallDisk::mount(&folder, 84);
    let database = "disk/a.anb";
    std::fs::copy(site.path("a.anb"), folder.join("a.anb")).unwrap();
    site.write("disk/ballast", vec![1; 44 << 20]);
    let kept = site.run(&format!("blob put {database} small.bin")).ok().stdout;

    let ran = if disk.is_some() {
        site.run(&format!("blob put {database} large.bin"))
    } else {
        // In units of 512 bytes or 1 KiB: 18 or 36 MiB.
        let script = format!("trap '' XFSZ; ulimit -f 36864; anabranch blob put {database} large.bin");
        crate::support::Ran::of(shell(&site.path(""), &script), "")
    };
    assert_eq!(ran.code, Some(1), "{ran}");
    assert_eq!(ran.stdout, "", "nothing was acknowledged");
    let reason = if disk.is_some() { "is full" } else { "failed" };
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(reason), "{ran}");
    assert!(ran.stderr.contains("a.anb"), "{ran}");

    // What was there can be read, on a disk that is as full as before.
    assert_sound(&site, database);
    let listed = site.run(&format!("blob ls {database} --json")).ok();
    assert_eq!(listed.stdout.lines().count(), 1, "{listed}");
    assert_eq!(site.run(&format!("blob get {database} {}", kept.trim())).ok().stdout, "kept");

    // Once there is some room, the chunks of the blob that did not come can be collected, which makes more.
    std::fs::remove_file(site.path("disk/ballast")).unwrap();
    let collected = site.run(&format!("gc {database} --grace 0s --json")).ok().json();
    assert!(collected["chunk_bytes"].as_u64().unwrap() > 1 << 20, "{collected}");
    assert_sound(&site, database);
    let middle = site.run(&format!("blob put {database} middle.bin")).ok().stdout;
    site.run(&format!("blob get {database} {} -o back.bin", middle.trim())).ok();
    assert!(site.read("back.bin") == noise(6 << 20));
    assert_sound(&site, database);
}
