"""Reads commits from a served database with nothing but what the server tells of its contract.

    pip install grpcio grpcio-reflection
    anabranch serve studio.anb & python tests/grpc/read_commits.py 127.0.0.1:54321
"""
import sys, grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
channel = grpc.insecure_channel(sys.argv[1])
pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
service = pool.FindServiceByName("anabranch.v1.Anabranch")
def call(name, **fields):
    method = service.FindMethodByName(name)
    request, answer = (message_factory.GetMessageClass(t) for t in (method.input_type, method.output_type))
    make = channel.unary_unary(f"/{service.full_name}/{name}", request.SerializeToString, answer.FromString)
    return make(request(**fields))
about = call("Describe")
print(about.server, len(about.present.heads), "heads,", about.present.statistics.commits, "commits")
for commit in call("Commits", after=0, limit=100, payloads=True).commits:
    print(commit.arrival, commit.id.hex()[:12], commit.label, len(commit.payload), "bytes")
