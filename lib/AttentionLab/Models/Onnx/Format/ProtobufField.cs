namespace AttentionLab.Models;

/// <summary>One field of a protobuf message as the wire holds it.</summary>
/// <param name="Number">The field's number in the message's definition.</param>
/// <param name="Value">A varint, or the bits of a fixed field; 0 for bytes.</param>
/// <param name="Bytes">The content of a length-delimited field; empty otherwise.</param>
/// <param name="IsBytes">Whether the field is length-delimited: bytes, text, a message or packed numbers.</param>
/// <param name="Offset">Where the field's content begins in the file, in bytes.</param>
internal readonly record struct ProtobufField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes, bool IsBytes, long Offset);
