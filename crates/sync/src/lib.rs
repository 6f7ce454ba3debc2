//! Replication between any two replicas: negotiation, transfer, progress.
