//! Files stay small enough to be read in one go.

use super::Check;
use crate::source;
use crate::tree::File;

pub(super) static CHECK: Check = Check {
    rule: "no file is over 500 lines without its tests, main.rs is under 40, half of the files \
           are at or under 150 and nine of ten under 350",
    covers: File::is_rust,
    judge,
};

const MOST_LINES: usize = 500;
const MAIN_UNDER: usize = 40;
const MEDIAN: usize = 150;
const NINE_OF_TEN_UNDER: usize = 350;

fn judge(files: &[&File]) -> Vec<String> {
    let mut complaints: Vec<String> = files.iter().filter_map(|file| too_long(file)).collect();
    let mut lengths: Vec<usize> =
        files.iter().filter(|f| !f.test_only).map(|f| f.text.lines().count()).collect();
    lengths.sort_unstable();
    complaints.extend(too_long_on_the_whole(&lengths));
    complaints
}

fn too_long(file: &File) -> Option<String> {
    let all = file.text.lines().count();
    let in_tests = source::test_lines(&file.text).iter().filter(|test| **test).count();
    let n_lines = if file.test_only { all } else { all - in_tests };
    if file.name() == "main.rs" && file.path.contains("/src/") && MAIN_UNDER <= all {
        Some(format!("{}: {all} lines, but main.rs stays under {MAIN_UNDER}", file.path))
    } else if MOST_LINES < n_lines {
        Some(format!("{}: {n_lines} lines without tests, over {MOST_LINES}", file.path))
    } else {
        None
    }
}

/// What is wrong with the lengths of all files that are not only for tests, sorted.
fn too_long_on_the_whole(lengths: &[usize]) -> Vec<String> {
    // The smallest length that at least this many tenths of the files do not exceed.
    let tenths = |n: usize| {
        let rank = (lengths.len() * n).div_ceil(10);
        lengths.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    };
    let (half, nine) = (tenths(5), tenths(9));
    let mut complaints = Vec::new();
    if MEDIAN < half {
        complaints.push(format!("the median file has {half} lines, over {MEDIAN}"));
    }
    if NINE_OF_TEN_UNDER <= nine {
        complaints
            .push(format!("one file in ten has {nine} lines or more, not {NINE_OF_TEN_UNDER}"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{about, hold_the_tree_to};

    #[test]
    fn the_tree_keeps_the_rule() {
        hold_the_tree_to(&CHECK);
    }

    #[test]
    fn a_file_that_is_too_long_is_named() {
        let (short, long) =
            (File::new("crates/a/src/b.rs", &"a();\n".repeat(500)), "a();\n".repeat(501));
        assert_eq!(too_long(&short), None);
        assert!(too_long(&File::new("crates/a/src/b.rs", &long)).is_some());
        assert!(too_long(&File::new("crates/a/tests/b.rs", &long)).is_some());
        let tests = format!("a();\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(too_long(&File::new("crates/a/src/b.rs", &tests)), None);
    }

    #[test]
    fn a_main_file_of_forty_lines_is_named() {
        assert_eq!(about(&CHECK, "crates/a/src/main.rs", &"a();\n".repeat(40)).len(), 1);
        assert!(about(&CHECK, "crates/a/src/main.rs", &"a();\n".repeat(39)).is_empty());
    }

    #[test]
    fn long_files_on_the_whole_are_noticed() {
        assert!(too_long_on_the_whole(&[150, 349]).is_empty());
        assert_eq!(too_long_on_the_whole(&[151, 349]).len(), 1);
        assert_eq!(too_long_on_the_whole(&[150, 350]).len(), 1);
        let mut twenty = vec![10; 20];
        twenty[18..].fill(400);
        assert!(too_long_on_the_whole(&twenty).is_empty());
        twenty[17] = 400;
        assert_eq!(too_long_on_the_whole(&twenty).len(), 1);
    }
}
