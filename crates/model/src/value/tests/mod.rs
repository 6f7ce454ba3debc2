mod access;
mod conversion;
