namespace AttentionLab.Models;

/// <summary>How much of a file of weights must fit a network.</summary>
public enum WeightFit
{
    /// <summary>All of it: every weight of the network is in the file, and nothing else; otherwise nothing is loaded.</summary>
    Whole,

    /// <summary>
    /// What fits is loaded, the network keeps its other weights: to go on from weights of another number of classes, say.
    /// </summary>
    WhatFits,
}
