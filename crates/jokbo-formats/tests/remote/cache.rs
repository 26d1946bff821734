//! What was fetched is kept, checked, and not asked for again.

use crate::hub::Hub;
use crate::{noise, open, read_all, safetensors, settings};

#[test]
fn a_second_run_fetches_nothing_and_a_broken_one_goes_on_where_it_stopped() {
    let hub = Hub::start();
    let data = noise(2_000_000, 5);
    hub.put("o/n", "model.safetensors", &safetensors("w", &data));
    let dir = tempfile::tempdir().unwrap();
    let settings = jokbo_formats::Settings { cache: Some(dir.path().to_owned()), ..settings(&hub) };
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    let mut half = vec![0; 1_000_000];
    checkpoint.files[0].reader.read_exact_at(&mut half, 500_000).unwrap();
    drop(checkpoint);

    hub.forget();
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    checkpoint.files[0].reader.read_exact_at(&mut half, 500_000).unwrap();
    assert_eq!((hub.bytes_asked(), checkpoint.bytes_fetched()), (0, 0));
    assert_eq!(read_all(&checkpoint).unwrap(), data);
    let rest = usize::try_from(checkpoint.bytes_fetched()).unwrap();
    assert!((900_000..1_100_000).contains(&rest), "{rest} bytes for the rest");
    drop(checkpoint);

    hub.forget();
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    assert_eq!(read_all(&checkpoint).unwrap(), data);
    assert_eq!((hub.bytes_asked(), checkpoint.bytes_read()), (0, checkpoint.bytes()));
}

#[test]
fn another_content_under_the_same_name_is_not_mixed_with_what_was_kept() {
    let hub = Hub::start();
    let dir = tempfile::tempdir().unwrap();
    let settings = jokbo_formats::Settings { cache: Some(dir.path().to_owned()), ..settings(&hub) };
    for seed in [6, 7] {
        let data = noise(100_000, seed);
        hub.put("o/n", "model.safetensors", &safetensors("w", &data));
        let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
        assert_eq!(read_all(&checkpoint).unwrap(), data);
    }
}

#[test]
fn a_damaged_cache_costs_time_and_nothing_else() {
    let hub = Hub::start();
    let data = noise(300_000, 8);
    hub.put("o/n", "model.safetensors", &safetensors("w", &data));
    let dir = tempfile::tempdir().unwrap();
    let settings = jokbo_formats::Settings { cache: Some(dir.path().to_owned()), ..settings(&hub) };
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    read_all(&checkpoint).unwrap();
    drop(checkpoint);
    let mut damaged = 0;
    for entry in std::fs::read_dir(dir.path().join("blocks")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        for at in (5_000..bytes.len()).step_by(50_000) {
            bytes[at] ^= 0x55;
            damaged += 1;
        }
        std::fs::write(path, bytes).unwrap();
    }
    assert!(3 < damaged);
    hub.forget();
    let (checkpoint, _) = open("hf://o/n", &settings).unwrap();
    assert_eq!(read_all(&checkpoint).unwrap(), data);
    assert!(0 < hub.bytes_asked());
}
