//! The engine from outside: its rules as a table, and what holds for any two files.

#[cfg(test)]
mod cancel;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod support;
