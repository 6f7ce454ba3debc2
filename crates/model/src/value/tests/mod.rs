mod access;
mod conversion;
mod meaning;
