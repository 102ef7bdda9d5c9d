//! Times the main job: `examples/zeltorafib` from files to the bytes of the dossier, step by step.
//!
//! `cargo bench --profile dev --bench building`

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::path::Path;
use std::time::{Duration, Instant};

use dosecase::pipeline::{self, DossierFormat, Overrides};

const REPEATS: usize = 5;

fn main() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib");
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..REPEATS {
        let start = Instant::now();
        let reading = pipeline::read(&project, Overrides::default(), &|_| ()).expect("the example reads");
        let read = start.elapsed();
        let evidence = pipeline::gather(&reading, &|_| ()).expect("the example has evidence");
        let gathered = start.elapsed();
        let formats = [DossierFormat::Html, DossierFormat::Markdown];
        let files = pipeline::export(&evidence, &reading.project.settings, &formats, &|_| ()).expect("the example exports");
        assert!(!files.is_empty());
        for (list, time) in times.iter_mut().zip([read, gathered - read, start.elapsed() - gathered]) {
            list.push(time);
        }
    }
    println!("examples/zeltorafib, median of {REPEATS}");
    for (name, list) in ["read and derive", "analyse and gather", "compose, draw and export"].into_iter().zip(&mut times) {
        list.sort();
        println!("  {name:<26} {:>8.1} ms", list[REPEATS / 2].as_secs_f64() * 1e3);
    }
}
