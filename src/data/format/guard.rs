//! Calls into the reading libraries, with their panics turned into messages.
//!
//! Damaged files make the libraries panic here and there. The standard panic hook would print each panic before it could be caught, so
//! one hook is put before the process's own, once: it is silent for panics inside [`guarded`], and passes all others on.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

static HOOK: Once = Once::new();
/// Guarded calls under way in the process: panics of the frame library's workers then belong to one of them.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static GUARDED: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work`; a panic inside becomes its message.
///
/// # Errors
/// The panic's message, if `work` panicked.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(install);
    let _region = Region::enter();
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_else(|| "no message".into())
    })
}

/// Counts one guarded call, and uncounts it however the call ends.
struct Region;

impl Region {
    fn enter() -> Self {
        UNDER_WAY.fetch_add(1, Ordering::SeqCst);
        GUARDED.with(|depth| depth.set(depth.get() + 1));
        Self
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        GUARDED.with(|depth| depth.set(depth.get().saturating_sub(1)));
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
    }
}

fn install() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // A thread that is being torn down has no flag any more; it is not guarded then.
        let own = GUARDED.try_with(|depth| depth.get() > 0).unwrap_or(false);
        let worker = UNDER_WAY.load(Ordering::SeqCst) > 0 && std::thread::current().name().is_some_and(|name| name.starts_with("polars"));
        if !(own || worker) {
            previous(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(guarded(|| 3), Ok(3));
        assert_eq!(guarded(|| -> u8 { panic!("broken {}", 7) }), Err("broken 7".into()));
        assert_eq!(guarded(|| -> u8 { panic!("plain") }), Err("plain".into()));
    }

    #[test]
    fn the_region_ends_after_a_panic() {
        let _ = guarded(|| -> u8 { panic!("inside") });
        assert_eq!(GUARDED.with(Cell::get), 0);
    }
}
