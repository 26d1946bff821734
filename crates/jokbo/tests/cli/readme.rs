//! The first screen of the README is what the program really prints.

use crate::program::{command, folder};

#[test]
fn the_output_shown_in_the_readme_is_real() {
    let readme = std::fs::read_to_string(folder("README.md")).unwrap();
    let prompt = "$ cargo run -q -p jokbo -- ";
    let (_, after) = readme.split_once(prompt).unwrap();
    let (typed, after) = after.split_once('\n').unwrap();
    let (shown, _) = after.split_once("```").unwrap();
    let ran = command().current_dir(folder(".")).args(typed.split(' ')).output().unwrap();
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), shown);
}
