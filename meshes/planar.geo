// Planar cell of an anode-free battery: a rectangle of solid electrolyte, 0 < x < width and
// 0 < y < height, with lithium islands and film intervals on the bottom y = 0. Lengths in um.
//
// One island, as it stands (open it in Gmsh, or from a shell):
//     gmsh -2 meshes/planar.geo -setnumber island_width 5
//
// Any bottom: list its stretches from left to right in a script of your own, then include this one:
//     width = 50;
//     stretch_end() = {5, 8, 20, 30, width};      // right end of each stretch
//     stretch_tag() = {2, 1, 3, 1, 2};            // 1 island, 2 film, 3 exposed current collector
//     Include "planar.geo";
//
// Physical groups: 1 island, 2 film, 3 exposed, 4 top, 5 sides; 10 electrolyte (the surface).
//
// The mesh is graded towards every point where the boundary condition changes: the element size is
// edge_size there and grows by `growth` per unit of distance, up to max_size.

DefineConstant[
  width         = {50,    Min 0, Name "Cell/Width [um]"}
  height        = {15,    Min 0, Name "Cell/Height [um]"}
  island_width  = {5,     Min 0, Name "Island/Width [um]"}
  island_center = {width / 2,    Name "Island/Center [um]"}
  edge_size     = {0.01,  Min 0, Name "Mesh/Size at the island's edges [um]"}
  growth        = {0.3,   Min 0, Name "Mesh/Growth of the size with distance"}
  max_size      = {height, Min 0, Name "Mesh/Largest size [um]"}
];

If (!Exists(stretch_end))
  stretch_end() = {};
  stretch_tag() = {};
  island_left = island_center - island_width / 2;
  island_right = island_center + island_width / 2;
  If (island_left < 0 || island_right > width)
    Error("The island reaches from %g to %g um, outside the cell (0 to %g um)",
          island_left, island_right, width);
    Abort;
  EndIf
  If (island_left > 0)
    stretch_end() += {island_left};
    stretch_tag() += {3};
  EndIf
  stretch_end() += {island_right};
  stretch_tag() += {1};
  If (island_right < width)
    stretch_end() += {width};
    stretch_tag() += {3};
  EndIf
EndIf

// The bottom: point k + 1 is the right end of stretch k, counted from 0; point 0 is the left wall.
stretches = #stretch_end();
left_wall = newp;
Point(left_wall) = {0, 0, 0};
changes() = {};
islands() = {};
films() = {};
exposed() = {};
For k In {0 : stretches - 1}
  Point(left_wall + k + 1) = {stretch_end(k), 0, 0};
  Line(k + 1) = {left_wall + k, left_wall + k + 1};
  If (k < stretches - 1)
    changes() += {left_wall + k + 1};
  EndIf
  If (stretch_tag(k) == 1)
    islands() += {k + 1};
  ElseIf (stretch_tag(k) == 2)
    films() += {k + 1};
  Else
    exposed() += {k + 1};
  EndIf
EndFor

right_wall = left_wall + stretches;
Point(right_wall + 1) = {width, height, 0};
Point(right_wall + 2) = {0, height, 0};
Line(stretches + 1) = {right_wall, right_wall + 1};
Line(stretches + 2) = {right_wall + 1, right_wall + 2};
Line(stretches + 3) = {right_wall + 2, left_wall};
Curve Loop(1) = {1 : stretches + 3};
Plane Surface(1) = {1};

If (#islands())
  Physical Curve("island", 1) = {islands()};
EndIf
If (#films())
  Physical Curve("film", 2) = {films()};
EndIf
If (#exposed())
  Physical Curve("exposed", 3) = {exposed()};
EndIf
Physical Curve("top", 4) = {stretches + 2};
Physical Curve("sides", 5) = {stretches + 1, stretches + 3};
Physical Surface("electrolyte", 10) = {1};

// Grading. A change on the wall is in no interior, so the walls never count as one.
Mesh.MeshSizeExtendFromBoundary = 0;
Mesh.MeshSizeFromPoints = 0;
Mesh.MeshSizeMax = max_size;
// Places nodes on the bottom to this share of an element. With the default, 1e-9, that takes ten times as
// long and most of the time that meshing takes.
Mesh.LcIntegrationPrecision = 1e-6;
If (#changes())
  Field[1] = Distance;
  Field[1].PointsList = {changes()};
  Field[2] = Threshold;
  Field[2].InField = 1;
  Field[2].SizeMin = edge_size;
  Field[2].SizeMax = max_size;
  Field[2].DistMin = 0;
  Field[2].DistMax = (max_size - edge_size) / growth;
  Background Field = 2;
EndIf
