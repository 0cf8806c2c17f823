using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Products of matrices. Shapes and types are compared first: torch ends the process where they do not fit.</summary>
internal static class ProductOperators
{
    public static OperatorFamily Family { get; } =
        new()
        {
            { "MatMul", call => Multiply(call, call.Input(), call.Input(1)) },
            { "Gemm", Gemm },
            { "Einsum", Einsum },
        };

    private static Tensor Multiply(OperatorCall call, Tensor a, Tensor b)
    {
        bool fits = a.dim() > 0 && b.dim() > 0 && a.dtype == b.dtype && a.dtype != ScalarType.Bool;
        if (!fits || a.shape[^1] != b.shape[b.dim() == 1 ? 0 : ^2])
        {
            throw call.Broken(
                $"a {a.dtype} tensor of {TensorInfo.Text(a.shape)} cannot be multiplied by "
                    + $"a {b.dtype} one of {TensorInfo.Text(b.shape)}"
            );
        }

        long[] batches = call.Broadcast(a.dim() > 2 ? a.shape[..^2] : [], b.dim() > 2 ? b.shape[..^2] : []);
        call.Bounded([.. batches, a.dim() > 1 ? a.shape[^2] : 1, b.dim() > 1 ? b.shape[^1] : 1]);
        return a.matmul(b);
    }

    private static Tensor Gemm(OperatorCall call)
    {
        Tensor a = call.Input(),
            b = call.Input(1);
        if (a.dim() != 2 || b.dim() != 2)
        {
            throw call.Broken($"{TensorInfo.Text(a.shape)} and {TensorInfo.Text(b.shape)} are not two matrices");
        }

        a = call.Int("transA", 0) != 0 ? a.t() : a;
        b = call.Int("transB", 0) != 0 ? b.t() : b;
        Tensor product = Multiply(call, a, b);
        double alpha = call.Float("alpha", 1),
            beta = call.Float("beta", 1);
        product = alpha == 1 ? product : product * alpha;
        if (call.Optional(2) is not { } c)
        {
            return product;
        }

        call.Broadcast(product.shape, c.shape);
        return product + (beta == 1 ? c : c * beta);
    }

    private static Tensor Einsum(OperatorCall call)
    {
        string equation = call.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        return equation.Length is > 0 and < 256 ? einsum(equation, call.All()) : throw call.Broken("it has no equation");
    }
}
